/**
 * Flashes a board in another process again and again while the link is cut at random, and looks afterwards, over a good
 * link, whether the processors are as `flash` said: verified, or untouched, or in reset.
 * Run: npx esbuild bench/flash-soak.ts --bundle --platform=node --format=esm --external:serialport --outfile=dist/soak.mjs \
 *        && node dist/soak.mjs [cycles, default 1000] [seed]
 */

import { fork } from 'node:child_process';
import { createConnection, createServer, type Socket } from 'node:net';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { Access, controlAddress, sramAddress } from '../board/access.js';
import { flash, FlashError } from '../board/flash/flash.js';
import { planFlash } from '../board/flash/plan.js';
import { BoardLinkError } from '../board/link-error.js';
import { BoardServer } from '../board/server/board-server.js';
import { EmulatedMachine } from '../board/server/emulated-machine.js';
import { listenTcp } from '../board/server/listeners.js';
import { tcpConnector } from '../board/wire/tcp.js';
import { WireBoard } from '../board/wire-board.js';
import { Chip } from '../emulator/index.js';
import { assemble } from '../isa/assembler/index.js';
import { Stream } from '../isa/numeric/random.js';

/** The board in the other process. */
async function serve(): Promise<void> {
  const server = new BoardServer(new EmulatedMachine(Chip.ideal(), () => performance.now()), {
    idleSeconds: 5,
  });
  const { url } = await listenTcp(server, '127.0.0.1', 0);
  process.send?.(Number(/:(\d+)$/.exec(url)?.[1]));
  process.on('disconnect', () => process.exit(0));
}

/** A program whose every word differs from cycle to cycle, and that says when it has come up. */
function programOf(cycle: number): ReturnType<typeof assemble> {
  const text = `
        .globl _start, status
_start: li      3, 1
        lis     4, status@ha
        stw     3, status@l(4)
        sync
loop:   b       loop
        .data
        .balign 4
status: .long   0
table:  .space  6000, ${cycle & 255}
`;
  return assemble([{ name: 'cycle.s', text }]);
}

/** A TCP proxy that cuts connections, or only swallows bytes for a while. */
class Cutter {
  private readonly pairs = new Set<readonly [Socket, Socket]>();
  isSwallowing = false;
  cuts = 0;

  listen(target: number): Promise<number> {
    const server = createServer((near) => {
      const far = createConnection({ port: target, host: '127.0.0.1' });
      const pair = [near, far] as const;
      this.pairs.add(pair);
      for (const [from, to] of [pair, [far, near] as const]) {
        from.setNoDelay(true);
        from.on('data', (bytes) => {
          if (!this.isSwallowing && !to.destroyed) to.write(bytes);
        });
        from.on('error', () => from.destroy());
        from.on('close', () => {
          to.destroy();
          this.pairs.delete(pair);
        });
      }
    });
    return new Promise((resolve) => {
      server.listen(0, '127.0.0.1', () => {
        const address = server.address();
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
  }

  cut(): void {
    this.cuts++;
    for (const [near, far] of this.pairs) {
      near.destroy();
      far.destroy();
    }
  }
}

type Outcome = 'verified' | 'clean error' | 'WRONG';

/** Looks over a good link whether the processors are as they should be. */
async function inspect(
  port: number,
  plan: ReturnType<typeof planFlash>,
  failure: FlashError | BoardLinkError | undefined,
  before: number,
): Promise<Outcome> {
  let board: WireBoard | undefined = undefined;
  for (let i = 0; board === undefined; i++)
    board = await WireBoard.open(tcpConnector('127.0.0.1', port)).catch(async (error: unknown) => {
      if (i > 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
      return undefined;
    });
  const access = new Access(board);
  const [control = 0, table = 0] = await access.read([controlAddress(0), sramAddress(0, 500)]);
  let outcome: Outcome = 'clean error';
  if (failure === undefined) {
    let wrong = 0;
    for (const { address, words } of plan.blocks) {
      const found = await access.readBlock(address, words.length);
      // The word "status" is the program's own by now.
      found.forEach((word, i) => (wrong += word !== words[i] && word !== 1 ? 1 : 0));
    }
    outcome = wrong === 0 && control === 1 ? 'verified' : 'WRONG';
  } else if (control !== 0) {
    // Still released: only right if nothing was written, or all was verified.
    const isOld = table === before;
    const isNew =
      failure instanceof FlashError && failure.processors === 'running the verified image';
    outcome = isOld || isNew ? 'clean error' : 'WRONG';
  }
  await board.close();
  return outcome;
}

async function soak(cycles: number, seed: number): Promise<void> {
  const child = fork(fileURLToPath(import.meta.url), ['--serve']);
  const target = await new Promise<number>((resolve) =>
    child.once('message', (port) => resolve(Number(port))),
  );
  const cutter = new Cutter();
  const near = await cutter.listen(target);
  const random = new Stream(seed, 'cuts');
  const count: Record<Outcome, number> = { verified: 0, 'clean error': 0, WRONG: 0 };
  const problems = new Map<string, number>();
  const recoveries: number[] = [];
  let resumed = 0;
  let before = 0;
  const began = performance.now();
  for (let cycle = 1; cycle <= cycles; cycle++) {
    const plan = planFlash(programOf(cycle), [0]);
    let failure: FlashError | BoardLinkError | undefined = undefined;
    let isOver = false;
    let lostAt = 0;
    const loop = async (): Promise<void> => {
      while (!isOver) {
        await new Promise((resolve) => setTimeout(resolve, 20 + random.exponential() * 100));
        if (isOver) return;
        if (random.integer(4) > 0) cutter.cut();
        else {
          cutter.isSwallowing = true;
          await new Promise((resolve) => setTimeout(resolve, 50 + random.integer(300)));
          cutter.isSwallowing = false;
        }
      }
    };
    const cutting = loop();
    try {
      const board = await WireBoard.open(tcpConnector('127.0.0.1', near));
      try {
        const report = await flash(board, plan, {
          reconnects: 4,
          onEvent: ({ kind }) => {
            if (kind === 'link lost' && lostAt === 0) lostAt = performance.now();
            else if (kind === 'resumed') {
              recoveries.push(performance.now() - lostAt);
              lostAt = 0;
            }
          },
        });
        if (report.reconnects > 0) resumed++;
      } finally {
        await board.close();
      }
    } catch (error) {
      if (!(error instanceof FlashError || error instanceof BoardLinkError)) throw error;
      failure = error;
      const name =
        error instanceof FlashError ? `${error.problem} (${error.processors})` : error.problem;
      problems.set(name, (problems.get(name) ?? 0) + 1);
    }
    isOver = true;
    await cutting;
    cutter.cut();
    const outcome = await inspect(target, plan, failure, before);
    count[outcome]++;
    if (outcome === 'verified') before = (cycle & 255) * 0x01010101;
    if (cycle % 100 === 0)
      process.stderr.write(`${cycle}: ${JSON.stringify(count)}, ${cutter.cuts} cuts\n`);
  }
  recoveries.sort((a, b) => a - b);
  const at = (share: number): string =>
    `${Math.round(recoveries[Math.floor(share * (recoveries.length - 1))] ?? 0)} ms`;
  process.stdout.write(
    [
      `cycles              ${cycles} in ${((performance.now() - began) / 1000).toFixed(0)} s, ${cutter.cuts} cuts`,
      `verified            ${count.verified}, ${resumed} of them after opening the link again`,
      `clean errors        ${count['clean error']}: ${[...problems].map(([name, n]) => `${n} ${name}`).join(', ')}`,
      `wrong               ${count.WRONG}`,
      `link lost to resumed  median ${at(0.5)}, longest ${at(1)}`,
      '',
    ].join('\n'),
  );
  child.disconnect();
  process.exit(count.WRONG > 0 ? 1 : 0);
}

if (process.argv.includes('--serve')) await serve();
else await soak(Number(process.argv[2] ?? 1000), Number(process.argv[3] ?? 1));
