// Real parts for the demo, the tests and the benches: servers, certificates, programs. Never in the data path.

export { createCertificateAuthority, writeCertificates } from './certificates.ts';
export type { CertificateAuthority, CertificateFiles, IssuedCertificate } from './certificates.ts';
export { findProgram, requiredProgram } from './find-program.ts';
export { freePort } from './free-port.ts';
export { startPostgres } from './postgres/server.ts';
export type { PostgresOptions, PostgresServer, PostgresUser } from './postgres/server.ts';
export { temporaryDirectory } from './temporary-directory.ts';
export type { TemporaryDirectory } from './temporary-directory.ts';
