/** How a connector writes its configuration: rings since generation 5 as JSON, older ones as lines. `compact` is JSON in one line, which no sproxyd writes and every reader should take. */
export type ConfForm = 'json' | 'compact' | 'lines'

/** What the configuration says. */
export interface ConfFacts {
  readonly ring: string
  readonly aliases: readonly string[]
  readonly byPath: boolean
  readonly port: number
}

/** The document `.conf` of an emulated connector. */
export function formatConf({ ring, aliases, byPath, port }: ConfFacts, form: ConfForm): string {
  if (form === 'lines') {
    const drivers = aliases.flatMap((alias, index) => [
      `[ring_driver:${index}]`,
      `alias=${alias}`,
      'type=chord',
      `by_path_enabled=${byPath ? 1 : 0}`,
      'by_path_cos=2',
    ])
    return [`[general]`, `ring=${ring}`, `port=${port}`, 'split_enabled=1', ...drivers, ''].join('\n')
  }
  const document = {
    general: { ring, port, split_enabled: true, split_threshold: 67_108_864, split_chunk_size: 33_554_432 },
    ...Object.fromEntries(
      aliases.map((alias, index) => [
        `ring_driver:${index}`,
        { alias, type: 'chord', by_path_enabled: byPath, by_path_cos: 2, by_path_service_id: '0xC0' },
      ]),
    ),
  }
  return form === 'compact' ? JSON.stringify(document) : `${JSON.stringify(document, null, 4)}\n`
}
