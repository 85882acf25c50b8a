/** The part of `ml-knn` that the example uses; the package has no types. */
export default class KNN {
  constructor(
    rows: readonly (readonly number[])[],
    labels: readonly number[],
    options?: { k?: number; distance?: (a: ArrayLike<number>, b: ArrayLike<number>) => number },
  );
  predict(rows: readonly (readonly number[])[]): number[];
}
