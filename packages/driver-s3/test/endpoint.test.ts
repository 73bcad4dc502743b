import { describe, expect, it } from 'vitest'
import { endpointOf } from '../src/endpoint.ts'

const options = { host: 'https://s3.example.org', region: '', bucket: 'images', bucketUrlFormat: 'auto' } as const

describe('endpointOf', () => {
  it.each([
    ['https://s3.eu-west-1.amazonaws.com', 'eu-west-1', false],
    ['https://s3-eu-west-1.amazonaws.com', 'eu-west-1', false],
    ['https://s3.dualstack.eu-west-1.amazonaws.com', 'eu-west-1', false],
    ['https://s3.cn-north-1.amazonaws.com.cn', 'cn-north-1', false],
    ['https://s3.amazonaws.com', 'us-east-1', false],
    ['https://s3.example.org', 'us-east-1', true],
    ['https://s3.eu-west-1.amazonaws.com.example.org', 'us-east-1', true],
  ])('knows of %s that its region is %s, and whether the bucket stands in the path: %s', (host, region, pathStyle) => {
    expect(endpointOf({ ...options, host })).toMatchObject({ region, pathStyle, secure: true })
  })

  it('lets the operator name region and style', () => {
    const named = {
      ...options,
      host: 'https://s3.eu-west-1.amazonaws.com',
      region: 'here',
      bucketUrlFormat: 'path',
    } as const

    expect(endpointOf(named)).toMatchObject({ region: 'here', pathStyle: true })
    expect(endpointOf({ ...options, bucketUrlFormat: 'virtual' })).toMatchObject({ pathStyle: false })
  })

  it.each([
    ['rgw:7480', 'http://rgw:7480', 'rgw:7480', false],
    ['http://rgw:7480/', 'http://rgw:7480', 'rgw:7480', false],
    ['HTTPS://RGW.example.org/objects/', 'https://rgw.example.org/objects', 'rgw.example.org/objects', true],
    [' 10.0.0.1 ', 'http://10.0.0.1', '10.0.0.1', false],
  ])('reads %j as %s', (host, url, place, secure) => {
    expect(endpointOf({ ...options, host })).toMatchObject({ url, place, secure })
  })

  it.each(['', 'ftp://host', 'https://', 'https://user:word@host', 'https://host?x=1', 'ho st'])(
    'refuses %j',
    (host) => {
      expect(() => endpointOf({ ...options, host })).toThrow(expect.objectContaining({ code: 'BAD_CONFIGURATION' }))
    },
  )

  it.each([
    ['images.eu', 'https://s3.example.org'],
    ['Images', 'https://s3.example.org'],
    ['images', 'http://127.0.0.1:7480'],
    ['images', 'http://[::1]:7480'],
  ])('refuses a bucket %s in the name of %s', (bucket, host) => {
    expect(() => endpointOf({ ...options, bucket, host, bucketUrlFormat: 'virtual' })).toThrow(
      expect.objectContaining({ code: 'BAD_CONFIGURATION' }),
    )
  })
})
