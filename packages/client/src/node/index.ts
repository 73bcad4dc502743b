/** What the client can do on Node besides: files, verified downloads, and a `fetch` that is safe for uploads. */
export { type DownloadedFile, type DownloadFileOptions, downloadFile } from './download-file.ts'
export { type NodeFetchOptions, nodeFetch } from './node-fetch.ts'
export { uploadFile } from './upload-file.ts'
export { Verifier, type VerifierOptions } from './verifier.ts'
