import { testOps } from '../opspec/suite.js'
import { specs } from './masks.spec.js'

testOps(specs)
