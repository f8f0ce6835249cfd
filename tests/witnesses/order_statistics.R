# Limits of a quantile from ordered values, by base R alone: ranks from qbinom, coverage from pbinom.
# Run: Rscript tests/witnesses/order_statistics.R > tests/witnesses/order_statistics.csv
# The values are x_i = (i * 37 mod 1009) / 7, i = 1 .. n; quantiles are R's default, type 7.
cat("n,share,confidence,quantile,low,high\n")
for (n in c(6, 7, 20, 59, 73, 200, 1000)) {
  x <- sort(((1:n) * 37) %% 1009 / 7)
  for (share in c(0.25, 0.5, 0.95)) {
    for (confidence in c(0.9, 0.95, 0.99)) {
      outside <- (1 - confidence) / 2
      lower <- qbinom(outside, n, share)
      # qbinom gives the smallest k with P(B <= k) >= p; the rank wanted is the largest r with P(B <= r - 1) <= p.
      while (lower >= 1 && pbinom(lower - 1, n, share) > outside) lower <- lower - 1
      while (pbinom(lower, n, share) <= outside) lower <- lower + 1
      upper <- n + 1
      while (pbinom(upper - 2, n, share, lower.tail = FALSE) <= outside) upper <- upper - 1
      limits <- if (lower < 1 || upper > n) c(NA, NA) else x[c(lower, upper)]
      cat(sprintf("%d,%g,%g,%.17g,%.17g,%.17g\n", n, share, confidence, quantile(x, share, type = 7), limits[1], limits[2]))
    }
  }
}
