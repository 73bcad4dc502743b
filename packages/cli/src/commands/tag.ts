import type { Image } from '@glance/client'
import { type CommandDefinition, formatOf, withFormat } from '../command.ts'
import { type Column, renderList } from '../output.ts'

const COLUMNS: readonly Column<Image>[] = [
  { heading: 'ID', value: (image) => image.id },
  { heading: 'Tags', value: (image) => image.tags },
]

/** Commands for tags of images. */
export const tagCommands: readonly CommandDefinition[] = [
  {
    name: 'image-tag-update',
    summary: 'Update an image with the given tag.',
    build: (command) =>
      withFormat(command.argument('<IMAGE_ID>', 'image to tag').argument('<TAG_VALUE>', 'tag to add')),
    run: async ({ io, connect }, [id = '', tag = ''], options) => {
      const client = await connect()
      await client.tags.add(id, tag, { signal: io.signal })
      const image = await client.images.get(id, { signal: io.signal })
      io.stdout.write(renderList([image], COLUMNS, formatOf(options)))
    },
  },
  {
    name: 'image-tag-delete',
    summary: 'Delete the tag associated with the given image.',
    build: (command) => command.argument('<IMAGE_ID>', 'tagged image').argument('<TAG_VALUE>', 'tag to remove'),
    run: async ({ io, connect }, [id = '', tag = '']) => (await connect()).tags.remove(id, tag, { signal: io.signal }),
  },
]
