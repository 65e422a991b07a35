import { testOps } from '../opspec/suite.js'
import { specs } from './reduce.spec.js'

testOps(specs)
