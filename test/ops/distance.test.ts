import { testOps } from '../opspec/suite.js'
import { specs } from './distance.spec.js'

testOps(specs)
