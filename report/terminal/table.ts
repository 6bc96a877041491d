/** The style of tables on a terminal. */

/** Columns without borders; colour only where it means something. */
export const tableStyle = {
  chars: {
    ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '' },
    ...{ bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' },
    ...{ left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '  ' },
  },
  style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
};
