import { testOps } from '../opspec/suite.js'
import { specs } from './spectral.spec.js'

testOps(specs)
