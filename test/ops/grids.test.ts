import { testOps } from '../opspec/suite.js'
import { specs } from './grids.spec.js'

testOps(specs)
