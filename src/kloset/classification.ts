/** Classifications of a snapshot: what analyzers think it holds. Kept, never made. */

import type { MsgpackReader } from "./msgpack_reader.ts";
import type { MsgpackWriter } from "./msgpack_writer.ts";

/** What one analyzer thinks. */
export interface Classification {
  /** The analyzer. */
  analyzer: string;
  /** The classes it found. */
  classes: ClassProbability[];
}

/** A class and how likely it is. */
export interface ClassProbability {
  /** The class. */
  name: string;
  /** 0 to 1. */
  probability: number;
}

const FIELDS = ["analyzer", "classes"] as const;
const CLASS_FIELDS = ["name", "probability"] as const;

/**
 * Writes classifications.
 *
 * @param writer where to
 * @param classifications what to write
 */
export function writeClassifications(
  writer: MsgpackWriter,
  classifications: readonly Classification[],
): void {
  writer.arrayHeader(classifications.length);
  for (const { analyzer, classes } of classifications) {
    writer.mapHeader(FIELDS.length);
    writer.key("analyzer");
    writer.text(analyzer);
    writer.key("classes");
    writer.arrayHeader(classes.length);
    for (const { name, probability } of classes) {
      writer.mapHeader(CLASS_FIELDS.length);
      writer.key("name");
      writer.text(name);
      writer.key("probability");
      writer.float64(probability);
    }
  }
}

/**
 * Reads classifications.
 *
 * @param reader where from
 * @returns the classifications
 * @throws {PlakarError} `corrupt` if they are none
 */
export function readClassifications(reader: MsgpackReader): Classification[] {
  const classifications: Classification[] = [];
  reader.readArray(() => {
    const classification: Classification = { analyzer: "", classes: [] };
    reader.readMap(FIELDS, (field) => {
      if (field === "analyzer") classification.analyzer = reader.text();
      else reader.readArray(() => classification.classes.push(readClass(reader)));
    });
    classifications.push(classification);
  });
  return classifications;
}

function readClass(reader: MsgpackReader): ClassProbability {
  const found: ClassProbability = { name: "", probability: 0 };
  reader.readMap(CLASS_FIELDS, (field) => {
    if (field === "name") found.name = reader.text();
    else found.probability = reader.float64();
  });
  return found;
}
