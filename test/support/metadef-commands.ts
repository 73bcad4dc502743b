/** Commands of Debian's `glance` about metadata definitions, for suites that compare what they print. */

const property = '{"description": "d é", "enum": ["a", "b"], "default": "a"}'
const object = '{"description": "o", "required": ["p"], "properties": {"p": {"title": "t", "type": "string"}}}'

/** In their order: later ones work on what earlier ones made. `FILE` is the file to import. */
export const glanceCommands: readonly (readonly string[])[] = [
  ['md-namespace-create', 'one', '--display-name', 'One', '--visibility', 'public', '--owner', 'me'],
  ['md-namespace-update', 'one', '--description', 'changed', '--namespace', 'one', '--owner', 'me'],
  ['md-namespace-import', '--file', 'FILE'],
  ['md-namespace-list'],
  ['md-namespace-show', 'imported'],
  ['md-namespace-show', 'imported', '--resource-type', 'OS::Nova::Flavor'],
  ['md-resource-type-associate', 'one', '--name', 'OS::Glance::Image', '--prefix', 'hw_'],
  ['md-namespace-resource-type-list', 'one'],
  ['md-property-create', 'one', '--name', 'p', '--title', 't', '--type', 'string', '--schema', property],
  ['md-property-show', 'one', 'p'],
  ['md-property-list', 'one'],
  ['md-object-create', 'one', '--name', 'o', '--schema', object],
  ['md-object-show', 'one', 'o'],
  ['md-object-list', 'one'],
  ['md-tag-create', 'one', '--name', 't'],
  ['md-tag-create-multiple', 'one', '--names', 'a,b', '--append'],
  ['md-tag-list', 'one'],
  ['md-namespace-show', 'unknown'],
  ['md-namespace-delete', 'imported'],
]

/** A namespace with everything in it, as `md-namespace-import` reads it. */
export const namespaceFile: string = JSON.stringify({
  namespace: 'imported',
  owner: 'me',
  properties: { p: { title: 'P', type: 'integer', default: 1 } },
  objects: [{ name: 'o', required: ['x'], properties: { x: { title: 'X', type: 'string' } } }],
  tags: [{ name: 't' }],
  resource_type_associations: [{ name: 'OS::Nova::Flavor', prefix: 'hw:' }],
})
