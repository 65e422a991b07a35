import { testOps } from '../opspec/suite.js'
import { specs } from './select.spec.js'

testOps(specs)
