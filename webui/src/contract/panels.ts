// Generated from kernel/ by `python -m webui.contract`: do not edit.

import type { Role } from "./enums"
import type { Decimal, Millis } from "./ids"

/** Why a panel is not shown. */
export type PanelFault = "raised" | "late" | "invalid"
export const PANEL_FAULTS: readonly PanelFault[] = ["raised", "late", "invalid"]

/** Words of a plugin's own, in each language of the page. */
export interface Text {
  readonly type: "text"
  readonly en: string
  readonly ru: string
}

/** A time, in UTC milliseconds; the page shows it in the reader's time zone. */
export interface Moment {
  readonly type: "moment"
  readonly at: Millis
}

/** An amount of money; its digits are kept as they are. */
export interface Price {
  readonly type: "price"
  readonly amount: Decimal
  readonly currency: string
}

/** A name and a value. */
export interface PanelField {
  readonly label: Text
  readonly value: Text | Moment | Price | string | number | null
}

/** Rows below columns. Raises ValueError for too many of them, or a row that does not fit the columns. */
export interface PanelTable {
  readonly title: Text
  readonly columns: readonly Text[]
  readonly rows: readonly (readonly (Text | Moment | Price | string | number | null)[])[]
}

/** A field of a button's command that whoever presses it fills in, beginning with the value that is there. */
export interface FormField {
  /** As it is called on the wire. */
  readonly name: string
  readonly label: Text
  /** Begin with an empty field instead. */
  readonly blank: boolean
}

/** A button as the page gets it. `payload`: the fields of its command, with those of the `form` as they begin. */
export interface ShownButton {
  readonly label: Text
  /** Of the command. */
  readonly kind: string
  /** What whoever presses it needs at least. */
  readonly role: Role
  readonly payload: Readonly<Record<string, unknown>>
  readonly form: readonly FormField[]
  readonly confirm: Text | null
}

/** A panel as the page gets it. */
export interface ShownPanel {
  readonly title: Text
  readonly fields: readonly PanelField[]
  readonly tables: readonly PanelTable[]
  readonly buttons: readonly ShownButton[]
}
