// Leaves tensors behind, under SINTER_DEBUG.
import { engine, log, ones, scope, tensor } from '#lib/index.js'

function makes() {
  return ones([100])
}
const held = [1, 2].map(makes)
held.push(tensor([1, 2]))
scope(() => void held[0].add(1))
await engine.sync()
if (process.argv[2] === 'report') console.log(JSON.stringify(engine.leakReport()))
if (process.argv[2] === 'nan') {
  try {
    log(tensor([-1]))
  } catch (error) {
    console.log(error.code, error.message)
  }
}
if (process.argv[2] === 'release') {
  // A stale read of freed bytes would show NaN; here all is well.
  for (const t of held) t.dispose()
}
if (process.argv[2] === 'limit') {
  try {
    await ones([1 << 26]).data()
  } catch (error) {
    console.log(error.code, error.message)
  }
  console.log((await ones([4]).data()).join())
}
