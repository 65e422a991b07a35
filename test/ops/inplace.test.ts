import { testOps } from '../opspec/suite.js'
import { specs } from './inplace.spec.js'

testOps(specs)
