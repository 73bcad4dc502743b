import { describe, expect, it } from 'vitest'
import { type LoginOptions, loginRequest } from '../src/index.ts'

const user: LoginOptions = { username: 'glance', password: 'hidden', userDomainName: 'Default' }
const identity = {
  methods: ['password'],
  password: { user: { name: 'glance', password: 'hidden', domain: { name: 'Default' } } },
}

describe('loginRequest', () => {
  it.each<[string, LoginOptions, unknown]>([
    ['no scope', user, { identity }],
    ['a project by id', { ...user, projectId: 'p' }, { identity, scope: { project: { id: 'p' } } }],
    [
      'a project by name',
      { ...user, authType: 'v3password', projectName: 'p', projectDomainId: 'd' },
      { identity, scope: { project: { name: 'p', domain: { id: 'd' } } } },
    ],
    [
      'the default domain',
      { username: 'glance', password: 'hidden', defaultDomainName: 'Default', projectName: 'p' },
      { identity, scope: { project: { name: 'p', domain: { name: 'Default' } } } },
    ],
    ['a domain', { ...user, domainName: 'd' }, { identity, scope: { domain: { name: 'd' } } }],
    ['the system', { ...user, systemScope: 'all' }, { identity, scope: { system: { all: true } } }],
    [
      'a token',
      { authType: 'token', token: 't', projectId: 'p' },
      { identity: { methods: ['token'], token: { id: 't' } }, scope: { project: { id: 'p' } } },
    ],
    [
      'an application credential by id',
      { authType: 'v3applicationcredential', applicationCredentialId: 'a', applicationCredentialSecret: 's' },
      { identity: { methods: ['application_credential'], application_credential: { id: 'a', secret: 's' } } },
    ],
    [
      'an application credential by name',
      {
        authType: 'v3applicationcredential',
        applicationCredentialName: 'a',
        applicationCredentialSecret: 's',
        userId: 'u',
      },
      {
        identity: {
          methods: ['application_credential'],
          application_credential: { name: 'a', secret: 's', user: { id: 'u' } },
        },
      },
    ],
  ])('asks for %s', (_name, options, auth) => {
    expect(loginRequest(options)).toEqual({ auth })
  })

  it.each<[string, LoginOptions]>([
    ['username (or user_id) is not set', { password: 'hidden' }],
    ['password is not set', { username: 'glance' }],
    ['user_domain_name (or user_domain_id) is not set', { username: 'glance', password: 'hidden' }],
    ['project_domain_name (or project_domain_id) is not set', { ...user, projectName: 'p' }],
    ['only one scope', { ...user, projectId: 'p', systemScope: 'all' }],
    ['system_scope can only be all', { ...user, systemScope: 'hidden' }],
    ['auth_type kerberos is not known', { ...user, authType: 'kerberos' }],
    ['application_credential_secret is not set', { authType: 'v3applicationcredential' }],
    ['token is not set', { authType: 'token', token: '' }],
  ])('says that %s', (message, options) => {
    expect(() => loginRequest(options)).toThrow(
      expect.objectContaining({ code: 'BAD_CONFIGURATION', message: expect.stringContaining(message) }),
    )
    expect(() => loginRequest(options)).not.toThrow('hidden')
  })
})
