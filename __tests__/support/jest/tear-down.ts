import { rmSync } from 'node:fs';

export default function tearDown(): void {
  rmSync(process.env.SHARED_FOLDER ?? '', { recursive: true });
}
