import { testOps } from '../opspec/suite.js'
import { specs } from './recurrent.spec.js'

testOps(specs)
