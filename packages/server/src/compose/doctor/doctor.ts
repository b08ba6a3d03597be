/** `coffer doctor`: looks, and says what it saw. */
import { nodeTransport } from '@coffer/client/node.ts';
import { systemRuntime } from '@coffer/client/runtime.ts';
import { errorFacts } from '@coffer/schema/errors.ts';
import { diagnose } from '../../kubernetes/doctor/diagnose.ts';
import { gather } from '../../kubernetes/doctor/gather/gather.ts';
import { asJson, asText } from '../../kubernetes/doctor/tell.ts';
import { realClock } from '../../platform/clock/real.ts';
import { connectKube } from '../../platform/kube/connect.ts';
import { openLog } from '../../platform/log/standard.ts';
import { environment, harden, output, stayAlive } from '../../platform/process/process.ts';
import { realRandom } from '../../platform/random/real.ts';
import { tlsOptions } from '../../providers/vault/settings.ts';
import { makeRendering } from '../operator/templates.ts';
import { doctorHelp, type DoctorSettings, parseDoctorFlags } from './flags.ts';
import { personOf } from './person.ts';
import { personTls } from './person-tls.ts';
import { judgePolicies } from './policies.ts';

const userAgent = 'coffer-doctor';

const exits = { whole: 0, stops: errorFacts.invalid_request.exit } as const;

const look = async ({ name, namespace, kubeconfig, context, format }: DoctorSettings): Promise<number> => {
  const [clock, random] = [realClock(), realRandom()];
  const variables = environment();
  const connection = await connectKube({ clock, random, environment: variables, kubeconfig, context, userAgent });
  try {
    const parts = {
      kube: connection.kube,
      server: connection.server,
      clock,
      log: openLog({ level: 'error', format: 'standard', write: line => output.err(line) }),
      judge: judgePolicies(clock),
      rendering: makeRendering(),
      runtimeOf: (tls: Parameters<typeof tlsOptions>[0]) => systemRuntime(nodeTransport(tlsOptions(tls))),
      personAt: await personOf(variables, systemRuntime(nodeTransport(await personTls(variables)))),
    };
    const diagnosis = diagnose(await gather(parts, { namespace: namespace ?? connection.namespace, name }));
    output.out(format === 'json' ? asJson(diagnosis) : asText(diagnosis));
    return diagnosis.stop === undefined ? exits.whole : exits.stops;
  } finally {
    connection.close();
  }
};

/** Answers the exit code. */
export const doctorCommand = async (argv: readonly string[]): Promise<number> => {
  const settings = parseDoctorFlags(argv);
  if (settings !== undefined) {
    harden();
    const release = stayAlive();
    return look(settings).finally(release);
  }
  output.out(doctorHelp());
  return 0;
};
