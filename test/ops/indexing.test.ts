import { testOps } from '../opspec/suite.js'
import { specs } from './indexing.spec.js'

testOps(specs)
