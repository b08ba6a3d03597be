/** The status of a pod as a kubelet tells it: all of it runs, or one reason why nothing does. */
import type { Container, Pod } from './pod.ts';

const statusOf = ({ name, image }: Container, state: object, up: boolean): object => ({
  name,
  image,
  imageID: '',
  restartCount: 0,
  ready: up,
  started: up,
  state,
});

const conditions = (up: boolean, since: string): readonly object[] =>
  ['PodReadyToStartContainers', 'Initialized', 'ContainersReady', 'Ready'].map(type => ({
    type,
    status: up ? 'True' : 'False',
    lastTransitionTime: since,
  }));

export const runningStatus = ({ spec }: Pod, startTime: string): object => {
  const running = { running: { startedAt: startTime } };
  const done = { terminated: { exitCode: 0, reason: 'Completed', startedAt: startTime, finishedAt: startTime } };
  return {
    phase: 'Running',
    startTime,
    hostIP: '127.0.0.1',
    conditions: conditions(true, startTime),
    initContainerStatuses: (spec.initContainers ?? []).map(container =>
      statusOf(container, container.restartPolicy === 'Always' ? running : done, true),
    ),
    containerStatuses: spec.containers.map(container => statusOf(container, running, true)),
  };
};

export const waitingStatus = ({ spec }: Pod, since: string, message: string): object => ({
  phase: 'Pending',
  conditions: conditions(false, since),
  containerStatuses: spec.containers.map(container =>
    statusOf(container, { waiting: { reason: 'CreateContainerConfigError', message } }, false),
  ),
});
