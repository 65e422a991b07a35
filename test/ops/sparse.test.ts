import { testOps } from '../opspec/suite.js'
import { specs } from './sparse.spec.js'

testOps(specs)
