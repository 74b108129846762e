# Sidekiq on Redis; the same protocol as protocol.py.
require "json"
require "sidekiq"

Sidekiq.configure_server { |config| config.redis = { url: ENV.fetch("PEER_URL") } }
Sidekiq.configure_client { |config| config.redis = { url: ENV.fetch("PEER_URL") } }
Sidekiq.logger.level = Logger::ERROR

class Nothing
  include Sidekiq::Worker

  OUT = File.open(ENV.fetch("PEER_OUT"), File::WRONLY | File::APPEND | File::CREAT)

  def perform(payload)
    started = Time.now.to_f
    index, pushed, = payload.split(" ", 3)
    OUT.syswrite([index.to_i, pushed.to_f, started].pack("Q<EE"))
  end
end

def payload(index)
  format("%d %.6f ", index, Time.now.to_f).ljust(100, "x")
end

if $PROGRAM_NAME == __FILE__
  mode, count, first = ARGV[0], Integer(ARGV[1]), Integer(ARGV[2])
  Sidekiq.redis(&:ping)
  clock = -> { Process.clock_gettime(Process::CLOCK_MONOTONIC) }
  start = clock.call
  indices = (first...(first + count))
  if mode == "many"
    indices.each_slice(1000) { |slice| Sidekiq::Client.push_bulk("class" => Nothing, "args" => slice.map { |index| [payload(index)] }) }
  else
    indices.each do |index|
      sleep([0, start + (index - first) / 50.0 - clock.call].max) if mode == "steady"
      Nothing.perform_async(payload(index))
    end
  end
  puts JSON.generate({ seconds: clock.call - start })
end
