// Real parts for the demo, the tests and the benches: servers, certificates, programs. Never in the data path.

export { createCertificateAuthority, writeCertificates } from './certificates.ts';
export type { CertificateAuthority, CertificateFiles, IssuedCertificate } from './certificates.ts';
export { findProgram, requiredProgram } from './find-program.ts';
export { freePort } from './free-port.ts';
export { bomb } from './http/bomb.ts';
export { startDaemon } from './http/daemon.ts';
export type { Daemon, Place } from './http/daemon.ts';
export { startHaproxy } from './http/haproxy.ts';
export { nginxBodies, startNginxOrigin, startNginxProxy } from './http/nginx.ts';
export type { TlsServer, Upstream } from './http/nginx.ts';
export { startOrigin } from './http/origin.ts';
export type { Origin, OriginOptions } from './http/origin.ts';
export { requestEnd, startRecordingUpstream } from './http/recording-upstream.ts';
export type { RecordingUpstream } from './http/recording-upstream.ts';
export { issueServerCertificate } from './http/tls.ts';
export { startOidc } from './oidc.ts';
export type { OidcOptions, OidcServer, OidcUser } from './oidc.ts';
export { startPostgres } from './postgres/server.ts';
export type { PostgresOptions, PostgresServer, PostgresUser } from './postgres/server.ts';
export { createSshKey, signSshCertificate, sshKeygen } from './ssh/keygen.ts';
export type { NewSshCertificate, NewSshKey, SshKeyFiles, SshKeyType } from './ssh/keygen.ts';
export { startSshServer } from './ssh/server.ts';
export type { SshServer, SshServerOptions } from './ssh/server.ts';
export { temporaryDirectory } from './temporary-directory.ts';
export type { TemporaryDirectory } from './temporary-directory.ts';
