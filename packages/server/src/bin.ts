/** Runs the command with the arguments of this process. */
import { main } from './main.ts'

const code = await main(process.argv.slice(2))
if (code !== null) process.exit(code)
