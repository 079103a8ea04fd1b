program example
  implicit none
  integer :: n, total = 0
  print '(a)', 'Hello, world!'
  do n = 0, 9
    total = total + n * n
  end do
  print '(i0)', total
end program example
