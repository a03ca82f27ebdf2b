/** Diagnostics as a SARIF 2.1.0 log, which code hosts and editors read. */
import type { SourceText } from './source.js';
import { codes } from './codes.js';
import type { Diagnostic } from './diagnostic.js';
import { jsonPlace, toJson, type JsonPlace } from './json.js';

/** A SARIF log with one run of the tool `plastic` in `version`. */
export function toSarif(
  diagnostics: readonly Diagnostic[],
  sources: readonly SourceText[],
  version: string,
): object {
  const used = [...new Set<string>(diagnostics.map((diagnostic) => diagnostic.code))].sort(
    (a, b) => (a < b ? -1 : 1),
  );
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'plastic',
            version,
            rules: used.map((id) => ({
              id,
              shortDescription: { text: codes.get(id)?.title ?? id },
              fullDescription: { text: codes.get(id)?.explanation ?? '' },
            })),
          },
        },
        results: diagnostics.map((diagnostic) => {
          const { message, help, repair } = toJson(diagnostic, sources);
          return {
            ruleId: diagnostic.code,
            ruleIndex: used.indexOf(diagnostic.code),
            level: diagnostic.severity,
            message: { text: help ? `${message}; ${help}` : message },
            locations: [{ physicalLocation: location(jsonPlace(diagnostic.primary, sources)) }],
            relatedLocations: diagnostic.secondary.map(({ span, text }, id) => ({
              id,
              message: { text },
              physicalLocation: location(jsonPlace(span, sources)),
            })),
            ...(repair && {
              fixes: [
                {
                  artifactChanges: [
                    {
                      artifactLocation: { uri: repair.file },
                      replacements: [
                        {
                          deletedRegion: location(repair).region,
                          insertedContent: { text: repair.text },
                        },
                      ],
                    },
                  ],
                },
              ],
            }),
          };
        }),
        columnKind: 'utf16CodeUnits',
      },
    ],
  };
}

function location({ file, line, column, endLine, endColumn }: JsonPlace) {
  return {
    artifactLocation: { uri: file },
    region: { startLine: line, startColumn: column, endLine, endColumn },
  };
}
