/** The parts of dynalite that check and apply one update, which have no types of their own. */
declare module 'dynalite/validations/updateItem.js' {
  /** Parses the expressions of a request into it. Returns what is wrong with it, if anything. */
  export function custom(request: object): string | undefined;
}

declare module 'dynalite/actions/updateItem.js' {
  type Attributes = Readonly<Record<string, object>>;
  type Done<Result> = (error: object | null, result?: Result) => void;
  /** The table that the update is applied to. */
  interface Store {
    readonly options: { readonly maxItemSize: number };
    getTable(name: string, done: Done<object>): void;
    getItemDb(name: string): {
      lock(key: string, locked: (release: (done: Done<unknown>) => Done<unknown>) => void): void;
      get(key: string, done: Done<Attributes>): void;
      put(key: string, item: Attributes, done: (error: null) => void): void;
    };
  }
  export default function updateItem(store: Store, request: object, done: Done<unknown>): void;
}
