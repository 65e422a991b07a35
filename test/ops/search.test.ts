import { testOps } from '../opspec/suite.js'
import { specs } from './search.spec.js'

testOps(specs)
