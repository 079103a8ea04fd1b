printf "%vd\n", $^V;
