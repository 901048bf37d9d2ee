import type { Command } from './scratch.ts';

/** A client in another language: how it is installed and started. */
export interface Client {
  readonly name: string;
  /** Programs that must already be on the machine. */
  readonly tools: readonly string[];
  /** The folder of its source files. */
  readonly language: string;
  /** Commands that install it, in the folder to which its programs are copied. */
  readonly install: readonly Command[];
  readonly run: Command;
  /** Whether it sends keys only over TLS. */
  readonly isTls?: boolean;
  /** Whether it keeps sealed reasoning, which only the backend that sealed it can read. */
  readonly isSealed?: boolean;
}

const python = { tools: ['python3'], language: 'python' };

/** Installs Python packages into an environment of their own. */
function pip(...packages: readonly string[]): readonly Command[] {
  return [
    ['python3', '-m', 'venv', 'env'],
    ['env/bin/pip', 'install', '--quiet', ...packages],
  ];
}

// The first openai-python of version 1 with tools; newer versions of httpx reject its arguments.
const pythonOne = pip('openai==1.1.1', 'httpx==0.27.2');
const pythonNewest = pip('openai==3.57.0');
const agents = pip('openai-agents==0.24.0');

/** All clients in other languages, in exact versions. */
export const clients: readonly Client[] = [
  {
    ...python,
    name: 'openai-python 0.28, chat',
    install: pip('openai==0.28.1'),
    run: ['env/bin/python', 'openai_v0.py'],
  },
  {
    ...python,
    name: 'openai-python 1.1, chat',
    install: pythonOne,
    run: ['env/bin/python', 'openai_chat.py'],
  },
  {
    ...python,
    name: 'openai-python 3.57, chat',
    install: pythonNewest,
    run: ['env/bin/python', 'openai_chat.py'],
  },
  {
    ...python,
    name: 'openai-python 3.57, sealed responses',
    install: pythonNewest,
    run: ['env/bin/python', 'openai_sealed.py'],
    isSealed: true,
  },
  {
    ...python,
    name: 'Agents SDK for Python, chat',
    install: agents,
    run: ['env/bin/python', 'agents_sdk.py', 'chat'],
  },
  {
    ...python,
    name: 'Agents SDK for Python, sealed responses',
    install: agents,
    run: ['env/bin/python', 'agents_sdk.py', 'sealed'],
    isSealed: true,
  },
  {
    ...python,
    name: 'Semantic Kernel for Python',
    install: pip('semantic-kernel==1.45.0'),
    run: ['env/bin/python', 'semantic_kernel_chat.py'],
    isTls: true,
  },
  {
    name: 'openai-go with Azure options',
    tools: ['go'],
    language: 'go',
    install: [
      ['go', 'mod', 'tidy'],
      ['go', 'build', '-o', 'client', '.'],
    ],
    run: ['./client'],
    isTls: true,
  },
  {
    name: 'openai-java with Azure options',
    tools: ['mvn', 'javac', 'keytool'],
    language: 'java',
    install: [
      ['mvn', '-q', '-B', 'dependency:copy-dependencies', '-DoutputDirectory=lib'],
      ['javac', '-cp', 'lib/*', '-d', 'out', 'Main.java'],
    ],
    run: [
      'java',
      '-Djavax.net.ssl.trustStore=trust.p12',
      '-Djavax.net.ssl.trustStorePassword=changeit',
      '-cp',
      'lib/*:out',
      'Main',
    ],
    isTls: true,
  },
];
