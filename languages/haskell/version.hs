import Data.Version (showVersion)
import System.Info (compilerVersion)

main :: IO ()
main = putStrLn (showVersion compilerVersion)
