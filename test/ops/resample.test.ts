import { testOps } from '../opspec/suite.js'
import { specs } from './resample.spec.js'

testOps(specs)
