/**
 * What completion offers behind commands that hand their arguments on: what is started has its own table of flags, too far
 * away to be loaded for a keystroke. `test/repository/offers.test.ts` holds these against the help of each.
 */
const texts: { readonly [command: string]: string } = {
  server:
    '-config= -embedded -data= -listen= -request-threads= -kubeconfig= -context= -yes -dev -dev-root-token-id= -dev-listen-address= ' +
    '-dev-no-store-token -dev-kv-v1 -log-level= -log-format= -exit-on-core-shutdown -help',
  dev: '-kubeconfig= -context= -yes -clean -data= -listen= -log-level= -log-format= -help',
  doctor: 'externalsecret -namespace= -n= -kubeconfig= -context= -format= -help',
  operator:
    '-kubeconfig= -context= -namespace= -controller-class= -concurrent= -enable-leader-election= -leader-election-id= ' +
    '-store-requeue-interval= -health-address= -metrics-address= -log-level= -log-format= -help',
  'operator manifests': '-namespace= -image= -help',
};

export const offers: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries(texts).map(([command, text]) => [command, text.split(' ')]),
);
