import type { ImageMember } from '@glance/client'
import { Argument } from 'commander'
import { type CommandDefinition, formatOf, withFormat } from '../command.ts'
import { type Column, renderList, renderRecord } from '../output.ts'

const COLUMNS: readonly Column<ImageMember>[] = [
  { heading: 'Image ID', value: (member) => member.image_id },
  { heading: 'Member ID', value: (member) => member.member_id },
  { heading: 'Status', value: (member) => member.status },
]

const STATUSES = ['accepted', 'rejected', 'pending'] as const
const IMAGE = '<IMAGE_ID>'
const MEMBER = '<MEMBER_ID>'

/** Commands for the projects that an image is shared with. */
export const memberCommands: readonly CommandDefinition[] = [
  {
    name: 'member-list',
    summary: 'Describe sharing permissions by image.',
    build: (command) => withFormat(command.requiredOption('--image-id <IMAGE_ID>', 'image to list the members of')),
    run: async ({ io, connect }, _args, options) => {
      const members = await (await connect()).members.list(String(options['imageId']), { signal: io.signal })
      io.stdout.write(renderList(members, COLUMNS, formatOf(options)))
    },
  },
  {
    name: 'member-get',
    summary: 'Show details of an image member.',
    build: (command) => withFormat(command.argument(IMAGE, 'shared image').argument(MEMBER, 'project to show')),
    run: async ({ io, connect }, [image = '', member = ''], options) => {
      const found = await (await connect()).members.get(image, member, { signal: io.signal })
      io.stdout.write(renderRecord({ ...found }, formatOf(options)))
    },
  },
  {
    name: 'member-create',
    summary: 'Create member for a given image.',
    build: (command) => withFormat(command.argument(IMAGE, 'image to share').argument(MEMBER, 'project to add')),
    run: async ({ io, connect }, [image = '', member = ''], options) => {
      const added = await (await connect()).members.create(image, member, { signal: io.signal })
      io.stdout.write(renderList([added], COLUMNS, formatOf(options)))
    },
  },
  {
    name: 'member-update',
    summary: 'Update the status of a member for a given image.',
    build: (command) =>
      withFormat(
        command
          .argument(IMAGE, 'shared image')
          .argument(MEMBER, 'project to answer for')
          .addArgument(new Argument('<MEMBER_STATUS>', 'answer of the project').choices([...STATUSES])),
      ),
    run: async ({ io, connect }, [image = '', member = '', given], options) => {
      const status = STATUSES.find((each) => each === given) ?? 'pending'
      const updated = await (await connect()).members.update(image, member, status, { signal: io.signal })
      io.stdout.write(renderList([updated], COLUMNS, formatOf(options)))
    },
  },
  {
    name: 'member-delete',
    summary: 'Delete image member.',
    build: (command) => command.argument(IMAGE, 'shared image').argument(MEMBER, 'project to remove'),
    run: async ({ io, connect }, [image = '', member = '']) =>
      (await connect()).members.delete(image, member, { signal: io.signal }),
  },
]
