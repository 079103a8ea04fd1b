import unittest
class Adds(unittest.TestCase):
    def test_adds(self): self.assertEqual(1 + 1, 2)
    @unittest.expectedFailure
    def test_fails(self): self.assertEqual(1, 2)
result = unittest.TextTestRunner(stream=open("/dev/null", "w")).run(unittest.defaultTestLoader.loadTestsFromTestCase(Adds))
print(result.testsRun, len(result.expectedFailures), result.wasSuccessful())
