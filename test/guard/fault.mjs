// Calls one kernel of faults.c twice: `fault.mjs LIBRARY KERNEL`. Place in the whole: a child process of guard.test.ts, which looks at how
// it ends.
import { defineOperator, loadOperators, ones } from '#lib/index.js'

const [library, kernel] = process.argv.slice(2)
const faulty = defineOperator({
  name: kernel,
  shape: () => ({ shape: [1], dtype: 'f32' }),
  compute: loadOperators(library).get(kernel),
})
console.log('calling')
for (let i = 0; i < 2; i++) {
  const x = ones([13])
  const [y] = faulty([x], undefined)
  y.dataSync()
  for (const t of [x, y]) t.dispose()
}
console.log('survived')
