program version
  use iso_fortran_env, only: compiler_version
  print '(a)', compiler_version()
end program version
