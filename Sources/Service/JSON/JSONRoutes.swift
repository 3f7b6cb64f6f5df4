import Foundation
import Hummingbird
import NIOCore
import Serving

/// Adds the routes whose answers are JSON.
func addJSONRoutes(to router: Router<ServiceContext>, state: ServiceState) {
  let listing = ListingRoutes(state: state)
  router.get("v1/store", use: listing.store)
  router.get("v1/tables", use: listing.tables)
  router.get("v1/tables/:name", use: listing.table)
  router.get("v1/datasets", use: listing.datasets)
  router.get("v1/datasets/:name", use: listing.dataset)
  router.get("v1/indexes", use: listing.indexes)
  let samples = SampleRoutes(state: state)
  router.post("v1/datasets/:name/samples", use: samples.samples)
  router.post("v1/datasets/:name/order", use: samples.order)
  let questions = QuestionRoutes(state: state)
  router.post("v1/query", use: questions.query)
  router.post("v1/explain", use: questions.explain)
}
