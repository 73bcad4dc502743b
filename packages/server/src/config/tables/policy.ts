import { choice, duration, flag, multi, optionTable, path, text } from '@glance/core'

const noEffect = 'No effect: `http:` checks are not served.'

/** `[oslo_policy]`: where the rules of policy stand. Names are Glance's. */
export const policyOptions = optionTable({
  policyFile: path({
    glance: 'policy_file',
    default: 'policy.yaml',
    help: 'YAML or JSON file with rules, from the folder of the first configuration file. Unless it is set it may be missing, and `policy.json` is tried, too.',
  }),
  policyDefaultRule: text({
    glance: 'policy_default_rule',
    help: 'Rule that answers for names that no rule has. Every name that the server asks has one.',
  }),
  policyDirs: multi({
    glance: 'policy_dirs',
    default: ['policy.d'],
    help: 'Folder with more files of rules (`*.yaml`, `*.json`, in the order of names), which win over `policy_file`. May be repeated.',
  }),
  enforceNewDefaults: flag({
    glance: 'enforce_new_defaults',
    default: true,
    help: 'Off: the default rules of the time before reader roles count beside the new ones, with the owner checks of that time.',
  }),
  enforceScope: flag({
    glance: 'enforce_scope',
    default: true,
    help: 'No effect: every token of this server is one of a project.',
  }),
  remoteContentType: choice(['application/x-www-form-urlencoded', 'application/json'], {
    glance: 'remote_content_type',
    default: 'application/x-www-form-urlencoded',
    help: noEffect,
  }),
  remoteSslVerifyServerCrt: flag({ glance: 'remote_ssl_verify_server_crt', default: false, help: noEffect }),
  remoteSslCaCrtFile: path({ glance: 'remote_ssl_ca_crt_file', help: noEffect }),
  remoteSslClientCrtFile: path({ glance: 'remote_ssl_client_crt_file', help: noEffect }),
  remoteSslClientKeyFile: path({ glance: 'remote_ssl_client_key_file', help: noEffect }),
  remoteTimeout: duration({ glance: 'remote_timeout', default: 60, min: 0, help: noEffect }),
})
