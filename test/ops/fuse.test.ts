import { testOps } from '../opspec/suite.js'
import { specs } from './fuse.spec.js'

testOps(specs)
