import { testOps } from '../opspec/suite.js'
import { specs } from './groups.spec.js'

testOps(specs)
