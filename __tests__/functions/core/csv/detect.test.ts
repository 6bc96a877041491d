import { results } from '../../../../datasets/results.ts';
import { detectFormat } from '../../../../functions/core/csv/detect.ts';
import { reader } from '../../../support/bytes.ts';

function detected(header: string) {
  const bytes = Buffer.from(`${header}\n1,Ada,1,2024-01-01,2,amount,not_a_decimal,why,where\n`);
  return detectFormat({ read: reader(bytes), size: bytes.length, name: 'rejected.csv' }, results);
}

const columns = 'id,name,amount,date,_line,_column,_code,_reason';

test('the report of a file from which nothing was loaded is refused, with what to do', async () => {
  for (const header of [`${columns},_source_refused`, columns]) {
    await expect(detected(header)).rejects.toMatchObject({
      name: 'HeaderError',
      message: expect.stringContaining('csv-pipeline merge FILE rejected.csv'),
    });
  }
});

test('the report of a file whose other rows were loaded is taken', async () => {
  await expect(detected(`${columns},_source_loaded`)).resolves.toMatchObject({ format: { width: 9 } });
});
