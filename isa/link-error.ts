/** What can be wrong with object files that are to become one program, as data and as sentences. */
import type { RelocationType, SourcePlace } from './program.js';
import type { RelocationMisfit } from './relocation.js';

interface Site {
  readonly object: string;
  readonly section: string;
  readonly offset: number;
}

export type LinkProblem =
  | ({
      readonly kind: 'undefined';
      readonly name: string;
      readonly place: SourcePlace | undefined;
    } & Site)
  | {
      readonly kind: 'duplicate';
      readonly name: string;
      readonly first: { readonly object: string; readonly place: SourcePlace | undefined };
      readonly second: { readonly object: string; readonly place: SourcePlace | undefined };
    }
  | ({
      readonly kind: 'misfit';
      readonly name: string;
      readonly type: RelocationType;
      readonly misfit: RelocationMisfit;
      readonly place: SourcePlace | undefined;
    } & Site)
  | ({ readonly kind: 'outside'; readonly size: number } & Site)
  | {
      readonly kind: 'too-large';
      readonly region: 'int' | 'ext' | 'ext_dram' | 'mailbox';
      readonly bytes: number;
      readonly limit: number;
      readonly parts: readonly { readonly name: string; readonly bytes: number }[];
    }
  | { readonly kind: 'no-entry'; readonly name: string };

/** Everything that kept `link` from making a program. */
export class LinkError extends Error {
  override readonly name = 'LinkError';
  constructor(readonly problems: readonly LinkProblem[]) {
    super(problems.map(explainLinkProblem).join('\n'));
  }
}

function where(object: string, place: SourcePlace | undefined, site?: Site): string {
  if (place !== undefined) return `${place.file}:${place.line}`;
  if (site === undefined) return object;
  return `${object}, section ${site.section}, offset 0x${site.offset.toString(16)}`;
}

const memoryNames = {
  int: "the processor's own SRAM",
  ext: 'the external SRAM',
  ext_dram: 'the external DRAM',
  mailbox: 'the mailbox',
} as const;

/** One sentence with place, fault and repair. */
export function explainLinkProblem(problem: LinkProblem): string {
  switch (problem.kind) {
    case 'undefined': {
      const at = where(problem.object, problem.place, problem);
      return `${at}: symbol '${problem.name}' is not defined in any of the linked files; define it, or correct the name`;
    }
    case 'duplicate': {
      const first = where(problem.first.object, problem.first.place);
      const second = where(problem.second.object, problem.second.place);
      return `${second}: symbol '${problem.name}' is already defined in ${first}; rename one of them or make it local`;
    }
    case 'misfit': {
      const at = where(problem.object, problem.place, problem);
      const { value, smallest, largest, step } = problem.misfit;
      const relative = problem.type.startsWith('REL');
      if (value % step !== 0) {
        return `${at}: '${problem.name}' is ${value} ${relative ? 'bytes away' : ''}, which is no multiple of ${step}; align the target`;
      }
      const what = relative ? 'is too far away' : 'does not fit';
      return `${at}: '${problem.name}' ${what}: ${value}, possible are ${smallest}..${largest}; ${repair(problem.type)}`;
    }
    case 'outside': {
      const at = where(problem.object, undefined, problem);
      return `${at}: a relocation lies outside its section of ${problem.size} bytes; the object file is damaged`;
    }
    case 'too-large': {
      const parts = problem.parts.map(({ name, bytes }) => `${name} ${bytes}`).join(', ');
      return (
        `the program needs ${problem.bytes} bytes of ${memoryNames[problem.region]}, ` +
        `${problem.limit} are there (${parts}); ` +
        (problem.region === 'int'
          ? 'shorten it, move code to ext.text, or link with a smaller mailbox'
          : 'shorten it')
      );
    }
    case 'no-entry':
      return `the entry symbol '${problem.name}' is not a global symbol of any linked file`;
  }
}

function repair(type: RelocationType): string {
  switch (type) {
    case 'REL14':
      return 'branch with the opposite condition around a b';
    case 'REL24':
    case 'ADDR24':
    case 'ADDR14':
      return 'load the address into ctr and use bctr';
    default:
      return 'take a half of the address with @l, @h or @ha';
  }
}
