import { describe, expect, it } from 'vitest'
import { formatLocation, parseLocation } from '../src/location.ts'

const place = { host: 's3.example.org:7480', bucket: 'images', key: '71c675ab-d94f-49cd-a114-e12490b328d9' }

describe('formatLocation', () => {
  it.each([
    [false, 's3://:@s3.example.org:7480/images/71c675ab-d94f-49cd-a114-e12490b328d9'],
    [true, 's3+https://:@s3.example.org:7480/images/71c675ab-d94f-49cd-a114-e12490b328d9'],
  ])('writes an empty pair of credentials (secure: %s)', (secure, location) => {
    expect(formatLocation(place, secure)).toBe(location)
    expect(parseLocation(location)).toEqual(place)
  })
})

describe('parseLocation', () => {
  it.each([
    ['as Glance writes it', 's3://AKIA:secret@s3.example.org:7480/images/'],
    ['with TLS', 's3+https://AKIA:secret@s3.example.org:7480/images/'],
    ['of the scheme that is only read', 's3+http://AKIA:secret@s3.example.org:7480/images/'],
    ['with slashes and pluses in the secret', 's3://AKIA:se/cr+e/t=@s3.example.org:7480/images/'],
    ['with a colon in the access key, as in Swift', 's3://test:tester:testing@s3.example.org:7480/images/'],
    ['without credentials', 's3://s3.example.org:7480/images/'],
    ['with capital letters', 'S3://:@S3.Example.ORG:7480/images/'],
  ])('reads a location %s', (_, prefix) => {
    expect(parseLocation(prefix + place.key)).toEqual(place)
  })

  it('reads an address with a path, and one of version 6', () => {
    expect(parseLocation('s3://:@example.org/objects/s3/images/one')).toMatchObject({ host: 'example.org/objects/s3' })
    expect(parseLocation('s3://:@[::1]:7480/images/one')).toMatchObject({ host: '[::1]:7480' })
  })

  it.each([
    's3://host/images',
    's3://host//key',
    's3://images/key',
    's3:///images/key',
    's3://AKIA@host/images/key',
    's3://AKIA:secret@https://host/images/key',
    's3://AKIA:se@cret@host/images/key',
    's3://host/images/..',
    's3://host/images/key%2f..',
    's3://host/images/key?versionId=1',
    's3://host/images/key#1',
    's3://host/images/',
    's3://ho st/images/key',
    'swift://host/images/key',
    'no location',
  ])('refuses %j', (location) => {
    expect(() => parseLocation(location)).toThrow(expect.objectContaining({ code: 'INVALID_LOCATION' }))
  })

  it('shows no secret when it refuses', () => {
    expect(() => parseLocation('s3://AKIA:very-secret@host/key')).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('very-secret') }),
    )
  })
})
