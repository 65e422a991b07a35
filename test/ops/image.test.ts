import { testOps } from '../opspec/suite.js'
import { specs } from './image.spec.js'

testOps(specs)
